using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Migrator.Cli.Commands;

/// <summary>Options that are whole numbers within bounds. System.CommandLine's own parser leaves bounds to validators, and throws in those
/// where the text is not a number.</summary>
internal static class NumberOption
{
    /// <param name="value">Stands for it in help.</param>
    /// <param name="standard">Where it is not given; null for an option that must be.</param>
    public static Option<T> Create<T>(string name, string description, string value, T least, T most, T? standard)
        where T : struct, INumber<T>
    {
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = value,
            Required = standard is null,
            CustomParser = result => Read(result, name, least, most),
        };
        if (standard is { } known)
            option.DefaultValueFactory = _ => known;
        return option;
    }

    /// <summary>One that need not be given: null then.</summary>
    public static Option<T?> Create<T>(string name, string description, string value, T least, T most)
        where T : struct, INumber<T> =>
        new(name)
        {
            Description = description,
            HelpName = value,
            CustomParser = result => Read(result, name, least, most),
        };

    private static T Read<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T>
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        if (T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        result.AddError($"{name} must be a whole number from {least} to {most}, not \"{text}\".");
        return least;
    }
}
