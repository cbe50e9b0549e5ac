using System.Runtime.InteropServices;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Pairs messages with what a server or another tool made of them, one for one: by all bytes but line ends, then by header and
/// body. What differs in another way is never a pair here.</summary>
internal sealed class RewritePairing(RewriteTolerance tolerance)
{
    private const int MostNames = 10;

    // A second or two. Only where messages by the thousand have the same Message-ID and body, and other fields, are there more.
    private long _comparisonsLeft = 200_000_000;

    /// <summary>Twins with other flags or dates must not be paired crosswise, or differences would be seen where there are
    /// none.</summary>
    private static readonly (bool Flags, bool Date)[] s_likeness = [(true, true), (true, false), (false, true), (false, false)];

    private static readonly string[] s_identity = ["Message-ID", "Date", "Subject", "From"];

    /// <summary>There were too many messages that are alike to compare each with each: some may be missing among the pairs.</summary>
    public bool IsExhausted => _comparisonsLeft <= 0;

    /// <summary>Takes pairs out of both lists.</summary>
    public List<RewrittenPair> Take(List<ReadMessage> source, List<ReadMessage> target)
    {
        var pairs = new List<RewrittenPair>();
        if (tolerance.LineEnds)
            Take<ContentId>(
                source,
                target,
                message => [message.Traits!.Canonical],
                message => [message.Traits!.Canonical],
                (one, other) => new(one, other, MatchedBy.CanonicalHash, [Rewrite.LineEnds], []),
                pairs
            );
        if (!tolerance.HeadersAdded)
            return pairs;
        ByHeader(traits => traits.ExactBody, Exact);
        if (tolerance.LineEnds)
            ByHeader(traits => traits.Body, WithLineEnds);
        return pairs;

        void ByHeader(Func<MessageTraits, ContentId> body, Func<ReadMessage, ReadMessage, RewrittenPair?> pair) =>
            Take(
                source,
                target,
                message => Identities(message.Traits!.Fields).Take(1).Select(identity => (body(message.Traits!), identity)),
                message => Identities(message.Traits!.Fields).Select(identity => (body(message.Traits!), identity)),
                pair,
                pairs
            );
    }

    /// <summary>Takes out of both lists what has one Message-ID and is not the same: those with the same texts and attachments
    /// first.</summary>
    public List<RewrittenPair> TakeAltered(List<ReadMessage> source, List<ReadMessage> target)
    {
        var pairs = new List<RewrittenPair>();
        By(traits => (traits.MessageId, traits.Texts, traits.Attachments));
        By(traits => (traits.MessageId, default, default));
        return pairs;

        void By(Func<MessageTraits, (ContentId?, ContentId, ContentId)> key)
        {
            Take(source, target, Keys, Keys, (one, other) => new(one, other, default, [], []), pairs);

            IEnumerable<(ContentId?, ContentId, ContentId)> Keys(ReadMessage message) =>
                message.Traits!.MessageId is null ? [] : [key(message.Traits)];
        }
    }

    /// <summary>In what the target's message differs, in words.</summary>
    public static IEnumerable<string> Differences(MessageTraits sent, MessageTraits stored)
    {
        if (sent.Texts != stored.Texts)
            yield return "text";
        if (sent.Attachments != stored.Attachments)
            yield return "attachments";
        if (sent.Body != stored.Body && sent.Texts == stored.Texts && sent.Attachments == stored.Attachments)
            yield return "the form of the body (encoding, boundaries or line ends)";
        if (sent.Fields is not { } fields || stored.Fields is not { } others)
        {
            yield return "header fields (too many to compare)";
            yield break;
        }
        var (lacking, added) = (Lacking(fields, others), Lacking(others, fields));
        foreach (var name in lacking.Take(MostNames))
            yield return $"header {name} missing or changed";
        foreach (var name in added.Except(lacking, StringComparer.OrdinalIgnoreCase).Take(MostNames))
            yield return $"header {name} added";
        if (lacking.Count + added.Count == 0 && !fields.SequenceEqual(others))
            yield return "the order of header fields";
    }

    /// <returns>The names of fields that only the first have.</returns>
    private static List<string> Lacking(IReadOnlyList<HashedField> some, IReadOnlyList<HashedField> others)
    {
        var left = others.CountBy(field => field.Hash).ToDictionary();
        return [.. some.Where(field => !Takes(field.Hash)).Select(field => field.Name.Text).Distinct(StringComparer.OrdinalIgnoreCase)];

        bool Takes(ulong hash) => left.TryGetValue(hash, out var count) && (left[hash] = count - 1) >= 0;
    }

    private RewrittenPair? Exact(ReadMessage source, ReadMessage target) =>
        tolerance.LineEnds && (source.Traits!.LineEnds != target.Traits!.LineEnds || source.Traits.LineEnds == HeaderLineEnds.Mixed) ? null
        : Added(source, target) is { Count: > 0 } added ? new(source, target, MatchedBy.HeaderAndBody, [Rewrite.HeadersAdded], added)
        : null;

    private RewrittenPair? WithLineEnds(ReadMessage source, ReadMessage target) =>
        Added(source, target) is not { } added
            ? null
            : new(
                source,
                target,
                MatchedBy.HeaderAndBody,
                added.Count > 0 ? [Rewrite.HeadersAdded, Rewrite.LineEnds] : [Rewrite.LineEnds],
                added
            );

    /// <returns>Which header fields the target has besides all those of the source; null where it lacks one, or has one that makes another
    /// message of it.</returns>
    private List<HeaderName>? Added(ReadMessage source, ReadMessage target)
    {
        var (sent, stored) = (source.Traits!.Fields!, target.Traits!.Fields!);
        _comparisonsLeft -= sent.Count + stored.Count;
        var (next, added) = (0, new List<HeaderName>());
        foreach (var field in stored)
        {
            if (next < sent.Count && field.Hash == sent[next].Hash)
                next++;
            else
                added.Add(field.Name);
        }
        var twice = stored
            .Select(field => field.Name)
            .Where(name => name.IsSupplied)
            .CountBy(name => name.Text, StringComparer.OrdinalIgnoreCase)
            .Where(name => name.Value > 1)
            .Select(name => name.Key);
        return next < sent.Count || added.Exists(name => name.IsSaid) || added.Exists(name => twice.Any(text => IsNamed(name, text)))
            ? null
            : added;
    }

    /// <summary>Under what a message is found: the first of these that it has is kept in whatever was made of it, which may have got
    /// others.</summary>
    private static IEnumerable<ulong> Identities(IReadOnlyList<HashedField>? fields) =>
        fields is null
            ? []
            : s_identity
                .Select(name => fields.FirstOrDefault(field => IsNamed(field.Name, name)).Hash)
                .Where(hash => hash != 0)
                .Append(0UL);

    private static int Length(ReadMessage message) => message.Traits!.Fields?.Count ?? 0;

    private static bool IsNamed(HeaderName? name, string text) => name?.Text.Equals(text, StringComparison.OrdinalIgnoreCase) == true;

    /// <param name="keys">A pair has the first key of the source's message among those of the target's.</param>
    /// <param name="pair">Null where they are not one.</param>
    private void Take<TKey>(
        List<ReadMessage> source,
        List<ReadMessage> target,
        Func<ReadMessage, IEnumerable<TKey>> key,
        Func<ReadMessage, IEnumerable<TKey>> keys,
        Func<ReadMessage, ReadMessage, RewrittenPair?> pair,
        List<RewrittenPair> pairs
    )
    {
        foreach (var likeness in s_likeness)
        {
            if (source.Count == 0 || target.Count == 0)
                return;
            var (index, taken, left) = (new Dictionary<(TKey, Alike), LinkedList<int>>(), new bool[target.Count], new List<ReadMessage>());
            // Of twins that have other fields, the one with most has the fewest that it can be a copy of.
            foreach (var (position, message) in target.Index().OrderBy(place => Length(place.Item)))
            foreach (var one in keys(message))
            {
                ref var places = ref CollectionsMarshal.GetValueRefOrAddDefault(index, (one, Alike.Of(message, likeness)), out _);
                (places ??= []).AddLast(position);
            }
            foreach (var message in source.OrderByDescending(Length))
            {
                var found = key(message)
                    .Select(one => Find(message, index.GetValueOrDefault((one, Alike.Of(message, likeness)))))
                    .FirstOrDefault();
                if (found is null)
                    left.Add(message);
                else
                    pairs.Add(found.Value);
            }
            if (left.Count == source.Count)
                continue;
            List<ReadMessage> rest = [.. target.Where((_, position) => !taken[position])];
            source.Clear();
            source.AddRange(left.OrderBy(message => message.Mapping).ThenBy(message => message.Uid));
            target.Clear();
            target.AddRange(rest);

            RewrittenPair? Find(ReadMessage message, LinkedList<int>? places)
            {
                for (var place = places?.First; place is not null && !IsExhausted; )
                {
                    var (here, next) = (place, place.Next);
                    place = next;
                    if (taken[here.Value])
                        places!.Remove(here);
                    else if (pair(message, target[here.Value]) is { } found)
                    {
                        taken[here.Value] = true;
                        places!.Remove(here);
                        return found;
                    }
                }
                return null;
            }
        }
    }

    private readonly record struct Alike(FlagSet? Flags, DateTimeOffset? Date)
    {
        public static Alike Of(ReadMessage message, (bool Flags, bool Date) likeness) =>
            new(likeness.Flags ? message.Flags : null, likeness.Date ? message.Date : null);
    }
}
