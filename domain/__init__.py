"""The domain of daocha: facts, records, clauses, duties, findings and the ledger."""
