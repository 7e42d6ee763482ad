"""How each kind of thing is drawn: parametric shapes in a unit box, one function a kind."""
