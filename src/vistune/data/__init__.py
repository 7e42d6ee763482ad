"""``Example`` and its way to a ``Batch``: published formats, mixing, streaming, tokens with roles, packing, collation."""
