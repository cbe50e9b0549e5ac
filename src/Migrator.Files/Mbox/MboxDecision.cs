using Migrator.Files.Findings;

namespace Migrator.Files.Mbox;

/// <summary>Decides which lines of an mbox are separators, by what fits the whole file: no single line tells.</summary>
/// <remarks>
/// <para>There is no one mbox format. What a line says (<see cref="SeparatorKind"/>), the blank line before it, the header after it, and a
/// Content-Length that leads exactly to the next separator all speak for it; which of them count depends on who wrote the file, which its
/// first line tells. To go by the line alone either joins messages, and mail is missing, or cuts one in two.</para>
/// <para>What is left in doubt is decided and reported with its line.</para>
/// </remarks>
internal sealed class MboxDecision(string file, MboxScan scan, FileFindings findings, bool wholeFile)
{
    private readonly IReadOnlyList<MboxCandidate> _candidates = scan.Candidates;
    private bool _blankLines;
    private bool _everyLength;

    /// <summary>A message begins at this candidate and ends there.</summary>
    public readonly record struct Part(MboxCandidate Begins, long End);

    public List<Part> Run()
    {
        var parts = new List<Part>();
        if (_candidates.Count == 0)
            return parts;
        var strong = _candidates.Skip(1).Where(candidate => candidate.Kind != SeparatorKind.None && candidate.KnownFields > 0).ToList();
        // Some programs put no blank line before a separator: then its absence says nothing.
        _blankLines = strong.Count == 0 || strong.Count(candidate => candidate.AfterBlankLine) * 2 > strong.Count;
        _everyLength = EveryLengthFits();
        for (var at = 0; at < _candidates.Count; )
        {
            var begins = _candidates[at];
            if (LengthLeadsTo(at) is { } exact)
            {
                parts.Add(new Part(begins, exact.End));
                if (!_everyLength)
                    ReportSkipped(at + 1, exact.Next);
                at = exact.Next;
                continue;
            }
            var next = at + 1;
            while (next < _candidates.Count && !IsSeparator(_candidates[next]))
                next++;
            parts.Add(new Part(begins, next < _candidates.Count ? _candidates[next].End : scan.End));
            at = next;
        }
        return parts;
    }

    private bool IsSeparator(MboxCandidate candidate)
    {
        var (first, kind) = (_candidates[0].Kind, candidate.Kind);
        // Where this program began the file, it also quoted everything else.
        if (kind == SeparatorKind.Own && first == SeparatorKind.Own)
            return true;
        var family = kind switch
        {
            SeparatorKind.None => first == SeparatorKind.None && candidate.KnownFields > 1,
            SeparatorKind.Bare => candidate.OfMozilla || (first is SeparatorKind.Bare or SeparatorKind.Dash && candidate.KnownFields > 0),
            SeparatorKind.Gmail => true,
            _ => first != SeparatorKind.Gmail,
        };
        // A header with one known field at least; without the blank line before it, with two; where text follows without a blank line, with
        // three.
        var header =
            candidate.Then == AfterSeparator.Field
            && candidate.KnownFields
                > (
                    candidate.Broken ? 2
                    : candidate.AfterBlankLine || !_blankLines ? 0
                    : 1
                );
        if (family && header)
        {
            var odd =
                candidate.Broken
                || (!candidate.AfterBlankLine && _blankLines)
                || (kind == SeparatorKind.Bare && first is not (SeparatorKind.Bare or SeparatorKind.Dash) && !candidate.OfMozilla);
            return !odd || Report(FileFinding.TakenForSeparator, candidate, true);
        }
        // A message without a header, or with none that is known, is rare; so is text that looks like this.
        if (family && kind is not (SeparatorKind.None or SeparatorKind.Bare) && candidate.AfterBlankLine && !candidate.Broken)
            return Report(FileFinding.TakenForSeparator, candidate, true);
        if (
            (kind != SeparatorKind.None && (candidate.AfterBlankLine || candidate.Then == AfterSeparator.Field))
            || (candidate.AfterBlankLine && candidate.KnownFields > 1)
        )
            Report(FileFinding.TakenForText, candidate, false);
        return false;
    }

    /// <summary>Content-Length is believed only where it leads exactly to the next separator or the end: other programs change messages and
    /// leave it as it was, and senders put in what they like.</summary>
    /// <returns>Where the message ends, and which candidate begins the next.</returns>
    private (long End, int Next)? LengthLeadsTo(int at)
    {
        var begins = _candidates[at];
        if (begins.ContentLength < 0 || begins.Body < 0 || begins.ContentLength > scan.FileEnd - begins.Body)
            return null;
        var end = begins.Body + begins.ContentLength;
        if (end == scan.FileEnd || end == scan.End)
            return (end, _candidates.Count);
        var (low, high) = (at + 1, _candidates.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_candidates[middle].Start < end)
                low = middle + 1;
            else
                high = middle;
        }
        if (
            low == _candidates.Count
            || _candidates[low] is not { KnownFields: > 0 } next
            || (next.Kind == SeparatorKind.None && _candidates[0].Kind != SeparatorKind.None)
        )
            return null;
        return end == next.Start || end == next.End || end == next.EndWithoutLineEnd ? (end, low) : null;
    }

    /// <summary>Whether one can go from the first message to the end by Content-Length alone: then what it passes over is text for
    /// certain.</summary>
    private bool EveryLengthFits()
    {
        var at = 0;
        while (at < _candidates.Count)
        {
            if (LengthLeadsTo(at) is not { } exact)
                return false;
            at = exact.Next;
        }
        return true;
    }

    private void ReportSkipped(int from, int to)
    {
        for (var at = from; at < to; at++)
        {
            if (
                _candidates[at] is
                { Kind: not SeparatorKind.None, AfterBlankLine: true, Then: AfterSeparator.Field, KnownFields: > 0 } skipped
            )
                Report(FileFinding.TakenForText, skipped, false);
        }
    }

    private bool Report(FileFinding finding, MboxCandidate candidate, bool separator)
    {
        findings.Add(finding, wholeFile ? $"{file}, line {candidate.Line:N0}" : $"{file}, byte {candidate.Start:N0}");
        return separator;
    }
}
