@how@

_anshin_completion() {
    local anshin=anshin kind value
    # A path that was typed names another installation.
    [[ $1 == */* ]] && anshin=${1/#\~\//$HOME/}
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            open) COMPREPLY+=("$value"); compopt -o nospace ;;
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
        esac
    done < <(
        _ANSHIN_COMPLETE=bash_complete _ANSHIN_LINE=${COMP_LINE:0:COMP_POINT} \
            _ANSHIN_BREAKS=$COMP_WORDBREAKS "$anshin" 2>/dev/null
    )
}

complete -o nosort -F _anshin_completion anshin
