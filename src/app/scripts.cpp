#include "app/scripts.h"

namespace flowlet::app {
namespace {

constexpr std::string_view bash = R"SCRIPT(# bash completion for flowletctl: flowletctl completion bash
# It needs nothing but bash itself.

# A word as the shell will read it, without running what may stand in it.
_flowletctl_unquote() {
    local in=$1 out='' quote='' char i
    [[ $in == \~/* ]] && in=$HOME${in:1}
    for ((i = 0; i < ${#in}; i++)); do
        char=${in:i:1}
        if [[ -n $quote && $char == "$quote" ]]; then
            quote=''
        elif [[ -z $quote && ($char == \' || $char == \") ]]; then
            quote=$char
        elif [[ $char == \\ && $quote != \' ]]; then
            i=$((i + 1))
            out+=${in:i:1}
        else
            out+=$char
        fi
    done
    REPLY=$out
}

# The words up to the cursor. Bash cuts them at = and : as well; what no space parts is one word again.
_flowletctl_words() {
    local rest=${COMP_LINE:0:COMP_POINT} gap word i
    FLOWLETCTL_WORDS=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        gap=${rest%%[![:space:]]*}
        rest=${rest:${#gap}}
        word=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then word=$rest; fi
        rest=${rest:${#word}}
        if [[ -n $gap || i -eq 0 ]]; then
            FLOWLETCTL_WORDS+=("$word")
        else
            FLOWLETCTL_WORDS[${#FLOWLETCTL_WORDS[@]} - 1]+=$word
        fi
    done
}

# What bash replaces is only what stands behind the last = or :.
_flowletctl_offer() {
    local typed=$1 word=$2 text=$3 lead=''
    [[ $typed == *=* && $COMP_WORDBREAKS == *=* ]] && lead=${typed%"${typed##*=}"}
    [[ $typed == *:* && $COMP_WORDBREAKS == *:* && ${typed%"${typed##*:}"} > $lead ]] && lead=${typed%"${typed##*:}"}
    word=${word#"$lead"}
    # When bash only lists, nothing of it is written into the line.
    if [[ $COMP_TYPE == 63 && -n $text ]]; then
        word="$word  ($text)"
        COMPREPLY+=("${word:0:${COLUMNS:-80}-1}")
    elif [[ $FLOWLETCTL_OPEN ]]; then
        COMPREPLY+=("$word")
    else
        printf -v word %q "$word"
        COMPREPLY+=("$word")
    fi
}

_flowletctl() {
    local FLOWLETCTL_WORDS FLOWLETCTL_OPEN='' REPLY word text typed i
    COMPREPLY=()
    _flowletctl_words
    for ((i = 0; i < ${#FLOWLETCTL_WORDS[@]}; i++)); do
        [[ ${FLOWLETCTL_WORDS[i]} == *[\'\"]* ]] && FLOWLETCTL_OPEN=$i
        _flowletctl_unquote "${FLOWLETCTL_WORDS[i]}"
        FLOWLETCTL_WORDS[i]=$REPLY
    done
    [[ $FLOWLETCTL_OPEN == $((i - 1)) ]] || FLOWLETCTL_OPEN=''
    typed=${FLOWLETCTL_WORDS[i - 1]}
    while IFS=$'\t' read -r word text; do
        case $word in
        :files) compopt -o default ;;
        :folders) compopt -o dirnames ;;
        :nospace) compopt -o nospace ;;
        :end) ;;
        *) _flowletctl_offer "$typed" "$word" "$text" ;;
        esac
    done < <("${FLOWLETCTL_WORDS[0]}" __complete -- "${FLOWLETCTL_WORDS[@]:1}" 2>/dev/null </dev/null)
}

complete -F _flowletctl flowletctl
)SCRIPT";

constexpr std::string_view zsh = R"SCRIPT(#compdef flowletctl
# zsh completion for flowletctl: flowletctl completion zsh

_flowletctl() {
    local -a lines offers space
    local line word text paths=''
    lines=("${(@f)$("${(Q)words[1]}" __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
    for line in "${lines[@]}"; do
        case $line in
        :files) paths=files ;;
        :folders) paths=folders ;;
        :nospace) space=(-S '') ;;
        :end | '') ;;
        *)
            word=${line%%$'\t'*}
            text=${line#*$'\t'}
            # The first colon parts the word from what it means.
            word=${word//:/\\:}
            offers+=("$word${text:+:$text}")
            ;;
        esac
    done
    if (( ${#offers} )); then
        _describe -t flowletctl flowletctl offers "${space[@]}"
        return
    fi
    [[ -n $paths ]] || return 1
    compset -P '--*='
    compset -P '*='
    if [[ $paths == folders ]]; then _files -/; else _files; fi
}

# Both ways work: as a file in $fpath, and sourced.
if [[ ${funcstack[1]} == _flowletctl ]]; then
    _flowletctl "$@"
else
    compdef _flowletctl flowletctl
fi
)SCRIPT";

constexpr std::string_view fish = R"SCRIPT(# fish completion for flowletctl: flowletctl completion fish

function __flowletctl_complete
    set -l words (commandline -opc)
    set -l raw (commandline -ct)
    set -l typed (string unescape -- $raw)
    or set typed $raw
    set -q typed[1]
    or set typed ''
    set -l lead (string match -r -- '^.*=' $typed)
    set -l rest (string replace -r -- '^.*=' '' $typed)
    for line in ($words[1] __complete -- $words[2..-1] $typed 2>/dev/null </dev/null)
        switch $line
            case :files
                for path in (__fish_complete_path $rest)
                    echo "$lead$path"
                end
            case :folders
                for path in (__fish_complete_directories $rest '')
                    echo "$lead$path"
                end
            case ':*'
            case '*'
                echo $line
        end
    end
end

complete -c flowletctl -f -a '(__flowletctl_complete)'
)SCRIPT";

}  // namespace

std::string_view find_script(std::string_view shell) {
    if (shell == "bash") {
        return bash;
    }
    if (shell == "zsh") {
        return zsh;
    }
    return shell == "fish" ? fish : std::string_view();
}

}  // namespace flowlet::app
