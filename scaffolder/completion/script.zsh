#compdef anshin
@how@

_anshin() {
    local anshin=${(Q)words[1]} kind value help
    local -a response described plain more
    # A path that was typed names another installation.
    [[ $anshin == */* ]] && anshin=${~anshin} || anshin=anshin
    response=("${(@f)$(
        _ANSHIN_COMPLETE=zsh_complete \
            _ANSHIN_LINE="${(j: :)words[1,CURRENT-1]} $QIPREFIX$IPREFIX$PREFIX" \
            $anshin 2>/dev/null
    )}")
    # First comes how much of the word stays; then kind, value and description in turns.
    (( $#response > 1 )) || return 1
    compset -p $response[1]
    for kind value help in "${(@)response[2,-1]}"; do
        case $kind in
            dir) _path_files -/ && return ;;
            file) _files && return ;;
            open) more=(-S '') ;;
        esac
        if [[ -n $help ]]; then
            described+=("${value//:/\\:}:$help")
        else
            plain+=("$value")
        fi
    done
    (( $#described )) && _describe -V anshin described "${more[@]}"
    (( $#plain )) && compadd -V anshin "${more[@]}" -a plain
}

# Autoloaded from a folder in fpath, or evaluated.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _anshin "$@"
else
    compdef _anshin anshin
fi
