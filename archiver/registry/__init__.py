"""Accounts, people, policy: folds over workflow records. Pure."""
