"""Network policies: whether those of a cluster surely keep every pod from an address (I8).

Every engine's policies come in one form (``rules.py``); one file per kind of policy reads them.
"""
