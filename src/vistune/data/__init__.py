"""``Example`` and its way to a ``Batch``: published formats, mixing, streaming, roles, packing, collation."""
