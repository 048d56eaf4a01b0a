"""The process that turns received mail into effects: claims, understands, decides, applies. It holds no policy."""
