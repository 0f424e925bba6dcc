"""How the server is asked, and the person at the terminal.

speaking     what commands share that speak to a server: options, connection, errors
selecting    which things of a list the server is asked for
watching     what commands share that show a state: `--watch`
waiting      requests that are waited for
progressing  how long work goes on
confirming   whether a person really wants it
foreseeing   what a change would let vmuster do, before it is made
acting       one act on many VMs
completing   names completed by the shell
suggesting   what was meant by an unknown name
settings     settings of a policy: read, their help, their completion
adding       many hosts added at once
host_lines   hosts to add, as they are written
host_keys    which key an ssh host must show
serve_flags  the flags of `serve`, from the table of settings
state_folder where a server of this machine keeps its state
"""
