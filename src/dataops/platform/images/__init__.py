"""The images: what each is made of, built by an engine, compressed as registries get them."""
