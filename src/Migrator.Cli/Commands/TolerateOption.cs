using System.CommandLine;
using System.CommandLine.Parsing;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary>Which rewrites a comparison accepts.</summary>
internal static class TolerateOption
{
    private const string Name = "--tolerate";

    private static readonly Dictionary<string, Rewrite> s_rewrites = new()
    {
        ["headers-added"] = Rewrite.HeadersAdded,
        ["line-ends"] = Rewrite.LineEnds,
        ["dates-by-header"] = Rewrite.DatesByHeader,
    };

    private static string Known => string.Join(", ", s_rewrites.Keys);

    public static Option<IReadOnlySet<Rewrite>> Create()
    {
        var option = new Option<IReadOnlySet<Rewrite>>(Name)
        {
            Description =
                "Accept, count and name what another server or tool did to messages (comma-separated, repeatable): headers-added (header "
                + "fields; all those of the source are kept), line-ends (CRLF or LF), dates-by-header (the date of arrival is that of the "
                + "Date or the topmost Received header). Of migrations only. [default: nothing]",
            HelpName = "REWRITES",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = Read,
        };
        option.CompletionSources.Add([.. s_rewrites.Keys]);
        return option;
    }

    private static IReadOnlySet<Rewrite> Read(ArgumentResult result)
    {
        var accepted = new HashSet<Rewrite>();
        foreach (var word in result.Tokens.SelectMany(token => token.Value.Split(',')).Select(word => word.Trim()))
        {
            if (s_rewrites.TryGetValue(word, out var rewrite))
                accepted.Add(rewrite);
            else
                result.AddError($"{Name}: \"{word}\" is not known. Known are: {Known}.");
        }
        return accepted;
    }
}
