"""Pictures and statements in the style of NLVR (Suhr et al. 2017): three grey boxes of shapes, true or false."""
