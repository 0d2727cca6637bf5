"""The witness 见证: a small program of its own that cosigns the logs of those it supervises.

A county's log is cosigned by the city, a city's by the province. The program has its own state and
its own keys, knows no ledger, and keeps one promise: it never cosigns two histories of a log, and
never a smaller tree after a larger one. What it answers is decided in
:mod:`domain.proof.witness`; here is what that decision needs around it::

    keys      the witness's private keys, in a file
    state     which logs, and the newest tree of each: SQLite, durable before anything is signed
    service   C2SP tlog-witness over HTTP
"""
