# Stands before the system's bcrypt for ceph-mgr alone: that one is written with PyO3, which refuses
# ceph-mgr's sub-interpreters, and so kept every module from loading. Nothing enabled here hashes.


def _refuse(*_args, **_kwargs):
    raise NotImplementedError("bcrypt is not available inside ceph-mgr")


gensalt = hashpw = checkpw = _refuse
