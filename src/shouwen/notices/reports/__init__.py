"""Written reports [R6][R7]: drafted from the ledger, edited, kept version by version, filed as Word documents."""
