using Migrator.Core.Reports;

namespace Migrator.App.Formatting;

/// <summary>A total and what it is made of, shown so that a reader can check the sum.</summary>
/// <param name="Parts">An alert is a part that should be 0.</param>
public sealed record CountsLine(string Name, long Total, IReadOnlyList<(string Name, long Count, bool IsAlert)> Parts)
{
    /// <param name="done">What was done with messages: "Copied".</param>
    /// <param name="there">What those are that needed nothing: "Already there".</param>
    public static CountsLine Of(MessageCounts counts, string done, string there) =>
        new(
            "found",
            counts.Found,
            [
                (done.ToLowerInvariant(), counts.Delivered, false),
                (there.ToLowerInvariant(), counts.AlreadyThere, false),
                ("vanished", counts.Vanished, false),
                ("skipped by rule", counts.Skipped, false),
                ("failed", counts.Failed, true),
                ("not reached", counts.Remaining, true),
            ]
        );

    /// <summary>Where it is not known what was done with new messages.</summary>
    public static CountsLine Of(MessageCounts counts) => Of(counts, "New", "Already there");

    public static IReadOnlyList<CountsLine> Of(ComparedCounts counts) =>
        [
            new(
                "source",
                counts.SourceMessages,
                [("same", counts.Matched, false), ("altered", counts.Altered, true), ("missing", counts.Missing, true)]
            ),
            new(
                "target",
                counts.TargetMessages,
                [("same", counts.Matched, false), ("altered", counts.Altered, true), ("extra", counts.Extra, false)]
            ),
        ];

    /// <summary>The parts that are there.</summary>
    public IEnumerable<(string Name, long Count, bool IsAlert)> Shown => Parts.Where(part => part.Count != 0);

    /// <summary>"12 found = 10 copied + 2 failed".</summary>
    public override string ToString()
    {
        var parts = Shown.Select(part => $"{Format.Count(part.Count)} {part.Name}").ToArray();
        return $"{Format.Count(Total)} {Name}" + (parts.Length == 0 ? "" : " = " + string.Join(" + ", parts));
    }
}
