@how@

function __anshin_complete
    set -l anshin anshin
    set -l words (commandline -op)
    # A path that was typed names another installation.
    string match -q '*/*' -- $words[1]
    and set anshin (string replace -r '^~/' $HOME/ -- $words[1])
    set -l token (commandline -ct)
    set -lx _ANSHIN_COMPLETE fish_complete
    set -lx _ANSHIN_LINE (commandline -cp | string collect)
    for line in ($anshin 2>/dev/null)
        set -l parts (string split -m 1 , -- $line)
        switch $parts[1]
            case plain open
                printf '%s\n' $parts[2]
            case dir file
                set -l rest (string replace -- "$parts[2]" '' $token)
                set -l complete __fish_complete_path
                test $parts[1] = dir; and set complete __fish_complete_directories
                string replace -r '^' -- $parts[2] ($complete $rest '')
        end
    end
end

complete --command anshin --no-files --arguments '(__anshin_complete)'
