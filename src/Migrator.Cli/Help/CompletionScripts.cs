namespace Migrator.Cli.Help;

/// <summary>Scripts that let a shell ask the program what can follow. The program answers the <c>[suggest]</c> directive of
/// System.CommandLine with one word a line. Each script puts the plain name in front of what was typed: an alias or a path would be taken
/// for an argument.</summary>
internal static class CompletionScripts
{
    private static readonly Dictionary<string, string> s_scripts = new()
    {
        // Completions that hold a colon are cut where bash splits words; where nothing fits, it completes files.
        ["bash"] = """
            # bash completion for migrator
            _migrator() {
                local typed="migrator${COMP_LINE:${#COMP_WORDS[0]}:COMP_POINT-${#COMP_WORDS[0]}}"
                local word="${COMP_WORDS[COMP_CWORD]}" line
                COMPREPLY=()
                while IFS= read -r line; do
                    [[ -n "$line" && "$line" == "$word"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
                done < <("$1" "[suggest:${#typed}]" "$typed" 2>/dev/null)
            }
            complete -o bashdefault -o default -F _migrator migrator

            """,
        // The program also answers with words that only contain what was typed; where nothing begins with it, zsh completes files.
        ["zsh"] = """
            #compdef migrator
            # zsh completion for migrator
            _migrator() {
                local typed="migrator ${(j: :)words[2,CURRENT]}"
                local -a found
                found=("${(@f)$("${words[1]}" "[suggest:${#typed}]" "$typed" 2>/dev/null)}")
                found=(${(M)${found:#}:#"${words[CURRENT]}"*})
                if (( ${#found} )); then
                    compadd -a found
                else
                    _files
                fi
            }
            if [ "$funcstack[1]" = "_migrator" ]; then
                _migrator "$@"
            else
                compdef _migrator migrator
            fi

            """,
        // Likewise. Options of what was typed must not be taken for options of string.
        ["fish"] = """
            # fish completion for migrator
            function __migrator_complete
                set -l words (commandline -opc)
                set -l word (commandline -ct)
                set -l typed (string join -- ' ' migrator $words[2..-1] $word)
                set -l length (string length -- "$typed")
                set -l begins '^'(string escape --style=regex -- "$word")
                set -l found ($words[1] "[suggest:$length]" "$typed" 2>/dev/null | string match -r '.+' | string match -r -- "$begins.*")
                if set -q found[1]
                    printf '%s\n' $found
                else
                    __fish_complete_path "$word"
                end
            end
            complete -c migrator -f -a '(__migrator_complete)'

            """,
        ["powershell"] = """
            # PowerShell completion for migrator
            Register-ArgumentCompleter -Native -CommandName migrator -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $name = $commandAst.CommandElements[0].Extent.Text
                $typed = 'migrator' + $commandAst.Extent.Text.Substring($name.Length)
                $length = $cursorPosition - $commandAst.Extent.StartOffset - $name.Length + 'migrator'.Length
                $typed = $typed.PadRight($length)
                & $name "[suggest:$length]" $typed 2>$null | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }

            """,
    };

    public static IReadOnlyList<string> Shells { get; } = [.. s_scripts.Keys];

    public static string Of(string shell) => s_scripts[shell];
}
