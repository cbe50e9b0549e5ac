using System.CommandLine;

namespace Migrator.Cli.Commands;

/// <summary>Options that are one of a few words; help shows all of them.</summary>
internal static class ChoiceOption
{
    /// <param name="standard">Where it is not given; null for an option that must be.</param>
    public static Option<string> Create(string name, string description, string? standard, params string[] choices)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', choices),
            Required = standard is null,
        };
        if (standard is not null)
            option.DefaultValueFactory = _ => standard;
        option.AcceptOnlyFromAmong(choices);
        return option;
    }
}
