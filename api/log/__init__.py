"""The transparency log at work 透明日志: its keys, its memory, its witnesses, and who publishes.

::

    keys         the private keys at hand, and how one replaces another
    signed       the newest head ever signed, on the disk before the signature leaves
    witnesses    asks those who must have seen a checkpoint before anybody else does
    publisher    signs what the tree has come to, and publishes it
"""
