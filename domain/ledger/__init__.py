"""The ledger 台账: the only way facts get in and entries come out."""

from domain.ledger.accounts import Accounts
from domain.ledger.application import Head, Ledger
from domain.ledger.auditing import LedgerTables
from domain.ledger.checkpoints import Checkpoints, Published
from domain.ledger.command import Command, Condition, Query, Receipt
from domain.ledger.recorder import RawEntry
from domain.ledger.rolls import Rolls
from domain.ledger.schema import create
from domain.ledger.vault import KeyStore, Vault
from domain.ledger.waiting import Waiting
from domain.ledger_opened import LedgerOpened

__all__ = [
    "Accounts",
    "Checkpoints",
    "Command",
    "Condition",
    "Head",
    "KeyStore",
    "Ledger",
    "LedgerOpened",
    "LedgerTables",
    "Published",
    "Query",
    "RawEntry",
    "Receipt",
    "Rolls",
    "Vault",
    "Waiting",
    "create",
]
