"""The ledger: commitments, the Merkle log, proofs, verification. Pure."""
