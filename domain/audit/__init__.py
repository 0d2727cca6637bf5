"""The audit 核验: the whole ledger read again, and the first place named that does not hold.

Nothing here reads a table or starts a process: the rows as they lie are handed in, in ranges that
can be looked at side by side (:mod:`~domain.audit.ranges`), and what can only be told in order is
folded over their outcomes (:mod:`~domain.audit.fold`)::

    faults    what does not hold: where, and why in plain words
    ranges    a range of facts against their leaves and every other table
    tree      the Merkle tree over what was read, and its root at any earlier size
    log       every checkpoint and every tile of the transparency log against that tree
    signatures  what each signature is judged by, and whether it holds
    fold      all ranges in order: what is known so far, written down so that it can go on
"""
