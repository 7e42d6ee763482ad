"""The picture-book world: scenes, their rendering and their language, with exact ground truth of every kind."""
