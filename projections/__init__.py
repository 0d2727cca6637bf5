"""Read models: what lists and figures are read from, made from the ledger and never otherwise."""
