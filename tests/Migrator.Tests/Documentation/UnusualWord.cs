using System.Text.RegularExpressions;

namespace Migrator.Tests.Documentation;

/// <summary>A word, or a turn of phrase, that is not plain technical English, or not the word of this field.</summary>
/// <param name="Pattern">Regular expression, whatever the case of letters.</param>
/// <param name="Instead">What to write.</param>
internal sealed record UnusualWord(string Pattern, string Instead)
{
    public static readonly IReadOnlyList<UnusualWord> All =
    [
        new(@"\bwho(?:m)?ever\b", "anyone who, or name who"),
        new(@"\btold\b", "notified, reported"),
        new(@"\banew\b", "again"),
        new(@"\bon record\b", "recorded, stored"),
        new(@"\bunder way\b", "running, in progress"),
        new(@"\bheard of\b", "heartbeat"),
        new(@"(?<!\bthere )\b(?:is|are) no (?!longer\b|further\b)", "is not a"),
        new(@"\bstands?\b(?! for\b)", "is, appears"),
        new(@"\boctets?\b", "byte"),
        new(@"\brounds?\b(?! trip)", "job run"),
        new(@"\b(?:go|goes|going|went) on\b(?! the)", "resume, continue"),
        new(@"(?<!\bby )\bmistakes?\b", "error"),
        new(@"\bfaults? in Migrator\b", "internal error in Migrator"),
        new(@"\bby itself\b", "automatically, separately"),
        new(@"\bof (?:its|their|your|his|our|ours|one's) own\b", "separate, unique"),
        new(@"\blets? go of\b", "releases, deletes"),
        new(@"\blets? (?:in|(?:us|me|you|it|him|nobody|somebody|anybody) in)\b(?<!not let in)", "allows, accepts"),
        new(@"\b(?:give|gives|given|gave) (?:it |them )?out\b", "return"),
        new(@"\b(?:put|puts|set|sets) right\b", "fix, correct"),
        new(@"\bfor want of\b", "because of missing"),
        new(@"\bcame about\b", "failed, or name what happened"),
        new(@"\bin words\b", "as text"),
        new(@"\bown words\b", "response"),
        new(@"(?-i:\b(?:[Ww]e|us|[Oo]urs?)\b)", "Migrator, or the passive"),
        new(@"\bmend(?:s|ed|ing)?\b", "fix, repair"),
        new(@"\blast good\b", "last success"),
        new(@"\b(?:is|are) late\b|\blate mailbox(?:es)?\b|\blateness\b|(?-i:^Late\b)|\blate$", "overdue"),
        new(@"\bby hand\b", "manually"),
        new(@"\bof which\b", "whose, or a new sentence"),
        new(@"\blook(?:s|ed) at\b", "checks, inspected"),
        new(@"\bwants\b", "requires"),
        new(@"\bheadway\b", "progress"),
        new(@"\bin clear\b", "unencrypted"),
        new(@"(?-i:\bsurroundings\b)", "environment"),
        new(@"\bpass(?:es|ed)? over\b", "skip"),
        new(@"\bset back\b", "rolled back"),
        new(@"\bof no use\b", "obsolete, unreferenced"),
        new(@"\btoo young\b", "within the grace period"),
        new(@"\bboth ends\b", "source and target, both sides"),
        new(@"\bbeats?\b", "heartbeat"),
        new(@"\bsaid above\b", "see above"),
        new(@"(?-i:(?:^|[.:;] )(?:Shown|Not (?:read|shown|listed)) (?:is|are) (?:what|names|all)\b)", "the subject first"),
        new(@"\bno more[.;,:]", "no longer"),
        new(@"\blanes?\b", "session pair"),
        new(@"\bcannot be told\b", "is unknown"),
        new(@"\bmade up for\b", "caught up, repeated"),
    ];

    private readonly Regex _pattern = new(Pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    public IEnumerable<Match> In(string text) => _pattern.Matches(text);
}
