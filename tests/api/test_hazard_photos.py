"""Photographs of hazards: what is taken for one, what is on record of it, what is shown."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from PIL import Image, ImageDraw
from uuid_utils.compat import uuid7

from domain.moment import parse_moment
from domain.photo import HazardPhotographed
from projections.photos import bands
from tests.support.county import County

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.support.web import Web

_EXIF, _GPS, _TAKEN, _ORIENTATION, _NORTH = 0x8769, 0x8825, 0x9003, 0x0112, 1


def picture(seed: int, size: tuple[int, int] = (600, 450)) -> Image.Image:
    """Return a picture of its own for each seed."""
    chance = Random(seed)  # noqa: S311 - no secret
    image = Image.new("RGB", size, "#889")
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, r = (chance.randrange(each) for each in (*size, 120))
        draw.ellipse((x, y, x + r, y + r), fill=tuple(chance.randrange(256) for _ in range(3)))
    return image


def written(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def with_exif(image: Image.Image, taken: str) -> bytes:
    exif = image.getexif()
    exif.get_ifd(_EXIF)[_TAKEN] = taken
    exif.get_ifd(_GPS)[_NORTH] = "N"
    return written(image, exif=exif)


def hazard_of(county: County) -> str:
    return f"/hazards/{county.hazard().json()['record']}"


def send(web: Web, hazard: str, *files: bytes, **fields: str) -> httpx.Response:
    sent = {"command": str(uuid7()), "shows": "found", **fields}
    parts = [("photo", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(files)]
    return web.client.post(
        f"{hazard}/photos", data=sent, files=parts, headers={"Accept": "text/html"}
    )


def photographs(web: Web, hazard: str) -> list[HazardPhotographed]:
    entries = web.here.ledger.record(UUID(hazard.rpartition("/")[2]))
    return [entry.fact for entry in entries if isinstance(entry.fact, HazardPhotographed)]


def page(web: Web, hazard: str) -> str:
    return web.client.get(hazard, headers={"Accept": "text/html"}).text


def test_the_hash_is_of_the_bytes_as_received_and_both_times_are_kept(county: County) -> None:
    web, hazard = county.web, hazard_of(county)
    data = with_exif(picture(1), "2024:05:20 10:31:00")
    answer = send(web, hazard, data, caption="法兰渗漏")
    assert answer.status_code == 303, answer.text
    (fact,) = photographs(web, hazard)
    assert (fact.digest, fact.size) == (sha256(data).hexdigest(), len(data))
    assert (fact.width, fact.height, fact.kind) == (600, 450, "jpeg")
    assert fact.captured == parse_moment("2024-05-20T10:31:00+08:00")
    told = page(web, hazard)
    assert "拍摄 2024-05-20 10:31" in told
    assert "法兰渗漏" in told
    assert fact.digest in told


def test_it_is_shown_without_place_or_camera(county: County) -> None:
    web, hazard = county.web, hazard_of(county)
    send(web, hazard, with_exif(picture(2), "2024:05:20 10:31:00"))
    (fact,) = photographs(web, hazard)
    for query, longest in (("", 600), ("?small=1", 320)):
        shown = web.client.get(f"{hazard}/photos/{fact.digest}{query}")
        assert shown.headers["Content-Type"] == "image/jpeg"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        image = Image.open(BytesIO(shown.content))
        assert max(image.size) == longest
        assert not image.getexif()
    assert web.client.get(f"{hazard}/photos/{'0' * 64}").status_code == 404


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_and_an_hour_that_cannot_be(county: County, kind: str) -> None:
    web, hazard = county.web, hazard_of(county)
    assert send(web, hazard, written(picture(3), kind)).status_code == 303
    assert send(web, hazard, with_exif(picture(4), "2199:01:01 00:00:00")).status_code == 303
    assert send(web, hazard, with_exif(picture(5), "no time at all")).status_code == 303
    assert [each.captured for each in photographs(web, hazard)] == [None, None, None]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff but nothing more",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        written(picture(6))[:2000],
        written(Image.new("RGB", (8, 8)), "GIF"),
        written(Image.new("1", (9000, 9000)), "PNG"),
    ],
    ids=["begins like one", "svg", "cut off", "gif", "too many pixels"],
)
def test_what_is_no_picture_is_refused_and_nothing_is_lost(county: County, data: bytes) -> None:
    web, hazard = county.web, hazard_of(county)
    refused = send(web, hazard, written(picture(7)), data, caption="说明文字")
    assert refused.status_code == 422
    assert "不是可用的照片" in refused.text
    assert 'value="说明文字"' in refused.text
    assert photographs(web, hazard) == []


def test_one_to_six_are_sent_at_once(county: County) -> None:
    web, hazard = county.web, hazard_of(county)
    small = written(picture(8, (64, 48)))
    assert send(web, hazard, *[small] * 7).status_code == 422
    assert send(web, hazard).status_code in (415, 422)
    assert photographs(web, hazard) == []


def test_a_picture_shown_before_is_pointed_out_across_enterprises(county: County) -> None:
    web, other = county.web, County.begin(county.web)
    first, second = hazard_of(county), hazard_of(other)
    send(web, first, written(picture(9), quality=92))
    send(web, second, written(picture(9).resize((400, 300)), quality=60), written(picture(10)))
    told = page(web, second)
    assert told.count("与此前照片近似") == 1
    assert f"{first}#photos" in told
    send(web, second, written(picture(9), quality=92))
    assert "与此前照片为同一文件" in page(web, second)
    assert "近似" not in page(web, first).split('id="owed"')[0].split("<details>")[0]


def test_a_file_that_is_missing_or_was_altered_is_told(county: County) -> None:
    web, hazard = county.web, hazard_of(county)
    send(web, hazard, written(picture(11)), written(picture(12)))
    missing, altered = (_file(web.here.settings.home, f.digest) for f in photographs(web, hazard))
    missing.unlink()
    altered.write_bytes(written(picture(13)))
    told = page(web, hazard)
    assert told.count("照片文件缺失，或已与台账所记摘要不符") == 2
    for fact in photographs(web, hazard):
        assert web.client.get(f"{hazard}/photos/{fact.digest}").status_code == 404


def _file(home: Path, digest: str) -> Path:
    (found,) = (home / "photos").rglob(f"{digest}*")
    return found


def test_a_fingerprint_has_four_quarters() -> None:
    assert bands("0001002200330fff") == [0x0001, 0x0022, 0x0033, 0x0FFF]
