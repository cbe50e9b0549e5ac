namespace Migrator.Core.Reports;

/// <summary>How many messages were rewritten in a way that the comparison was asked to accept.</summary>
/// <param name="Messages">Each once, whatever was done to it.</param>
public readonly record struct RewriteCounts(long Messages, long HeadersAdded, long LineEnds, long DatesByHeader)
{
    public static RewriteCounts operator +(RewriteCounts a, RewriteCounts b) =>
        new(a.Messages + b.Messages, a.HeadersAdded + b.HeadersAdded, a.LineEnds + b.LineEnds, a.DatesByHeader + b.DatesByHeader);

    public static RewriteCounts Of(IReadOnlyList<Rewrite> rewrites) =>
        new(1, Count(rewrites, Rewrite.HeadersAdded), Count(rewrites, Rewrite.LineEnds), Count(rewrites, Rewrite.DatesByHeader));

    private static long Count(IReadOnlyList<Rewrite> rewrites, Rewrite which) => rewrites.Count(rewrite => rewrite == which);
}
