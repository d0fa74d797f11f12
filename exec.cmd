@rem npm's start says exec, so that Ctrl-C reaches Node and not a shell in between; cmd.exe has no such word.
@%*
