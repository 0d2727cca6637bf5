"""Proof 证明: what lets an outsider check the record with no server and no trust in who runs it.

Everything here is pure: no database, no network, no clock, no configuration; keys, moments and
random bytes are handed in. From the ground up::

    encoding                            one spelling of hashes, sizes and texts
    ed25519  p256  ml_dsa  sm2          signature algorithms, each strict
    merkle   tiles                      the tree over the ledger's leaves, and its stored form
    note     checkpoint  cosignature    who signed which tree, and who saw it when
    trust    witness                    whom a reader trusts; what a superior's witness answers
    statement  webauthn  signature      what a person signs, and with what
    leaf                                facts by their stored shape
    roll     taken                      who owed and did not file; who held a post, whose a key was
    standing                            what a signature rests on
    traced                              what a trace rests on
    bundle   claims                     all of it in one file, and what it proves in words

What does not hold is :class:`~domain.errors.NotProved`, and its ``where`` says what.
"""
