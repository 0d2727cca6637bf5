"""Documents 文书 on paper: the statutory forms, filled in from the record, as PDF/A-3.

A document is the paper of one fact: the order of the fact that issued it, the record of the
inspection that was held. :mod:`api.documents.forms` fills it in, :mod:`api.documents.press` sets
it, :mod:`api.documents.issuing` attaches the evidence and puts the print on record.
"""
