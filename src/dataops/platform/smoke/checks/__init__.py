"""One module per check: TITLE, ORDER, LOOK (where to look when it fails), and check(context) returning what it saw."""
