"""The pages on which people sign in, make a credential, and see who they are 登录页面."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages.render import Page, Switches, render
from domain.permissions import DO, SEE, TIES, Tie

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.me import Me, Part
    from api.pages.words import Lang
    from domain.errors import DaochaError
    from domain.sign_in import CredentialRegistered


def sign_in_page(
    back: str,
    problem: DaochaError | None,
    lang: Lang,
    switches: Switches,
    *,
    cast: Mapping[str, Sequence[Part]] | None = None,
) -> str:
    """Return the page on which people sign in.

    Args:
        back: the page to go on to.
        problem: why it did not work a moment ago, if so.
        lang: the language of the interface.
        switches: how the page is shown, and to whom.
        cast: in a demo, whose shoes one can step into, by organisation.
    """
    page = Page(lang, switches, {"back": back} if back != "/" else {})
    return render("sign_in.html", page, lang, back=back, problem=problem, cast=cast)


def enrolment_page(problem: DaochaError | None, lang: Lang, switches: Switches) -> str:
    """Return the page on which somebody makes their own credential with a registrar's code."""
    return render("enrol.html", Page(lang, switches, {}), lang, problem=problem)


def permissions_page(lang: Lang, switches: Switches) -> str:
    """Return the table of permissions as it is asked: a row an act, a column a tie."""
    return render(
        "permissions.html",
        Page(lang, switches, {}),
        lang,
        see=SEE.values(),
        do=DO.values(),
        ties=TIES,
        owner=Tie.OWNER,
    )


def account_page(
    me: Me,
    credentials: Sequence[CredentialRegistered],
    problem: DaochaError | None,
    lang: Lang,
    switches: Switches,
) -> str:
    """Return the page of whoever is signed in: their posts, and by what they sign in."""
    return render(
        "account.html",
        Page(lang, switches, {}),
        lang,
        me=me,
        credentials=credentials,
        has_password=any(each.manner == "password" for each in credentials),
        problem=problem,
    )
