"""One module per check: its first line says what it looks at; ORDER, and check(context) giving what it found."""
