using System.Collections.Frozen;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Core.Fetching;

/// <summary>Asks a server for many messages at once, and finds the ones that it refuses or that end the connection: asked for all, then for
/// parts, then alone. A damaged message must not stand in the way of the others. It outlives a connection, so that the next one continues
/// where the last one broke.</summary>
/// <remarks>One for each kind of request at each end: what cannot be fetched may still have flags.</remarks>
internal sealed class Isolation
{
    // So many refused alone and none given: it is the folder, and not a message of it.
    private const int Hopeless = 20;

    // Networks fail too: only what ends the connection each time is a message's fault.
    private const int MostLosses = 3;

    private const int Parts = 8;

    // So many end the connection one after the other, and nothing is answered in between: it is the server.
    private const int HopelessLosses = 5;

    private static readonly IReadOnlyDictionary<Uid, string> s_none = FrozenDictionary<Uid, string>.Empty;

    // Made when they are needed: each folder of ten thousand has several of these, and nearly all stay empty.
    private Dictionary<Uid, string>? _guilty;
    private Dictionary<Uid, MailException>? _refusals;
    private List<Group>? _groups;
    private bool _anyAnswered;
    private int _guiltyInARow;

    /// <summary>Messages among which one ended the connection.</summary>
    private sealed record Group(IReadOnlyList<Uid> Uids)
    {
        public HashSet<Uid> Set { get; } = [.. Uids];

        /// <summary>How often in a row it did, if it is one message alone.</summary>
        public int Losses { get; set; } = 1;

        /// <summary>The server has answered for others since: it is not busy for everybody.</summary>
        public bool AnswersOthers { get; set; }
    }

    /// <summary>Rises each time that a lost connection leaves fewer messages to suspect: that is progress too.</summary>
    public long Narrowed { get; private set; }

    /// <summary>Messages that end the connection whenever they are asked for alone, each with what happened.</summary>
    public IReadOnlyDictionary<Uid, string> Guilty => _guilty ?? s_none;

    /// <summary>What the server said to a message that it refuses alone too; null for any other.</summary>
    public MailException? Refusal(Uid uid) => _refusals?.GetValueOrDefault(uid);

    /// <param name="uids">May be empty.</param>
    /// <param name="ask">May be called again for a message that it was called for.</param>
    /// <param name="mayGiveUp">That all are refused means the folder; false where only doubtful messages are asked for.</param>
    /// <returns>The messages that are refused alone too, or that end the connection.</returns>
    /// <exception cref="MailException">The folder is refused, or the failure reaches further than the folder.</exception>
    public async Task<IReadOnlyList<Uid>> AskAsync(IReadOnlyList<Uid> uids, Func<IReadOnlyList<Uid>, Task> ask, bool mayGiveUp = true)
    {
        var refused = uids.Where(Guilty.ContainsKey).ToList();
        var hopeless = refused.Count + Hopeless;
        var left = new Stack<IReadOnlyList<Uid>>(Divide([.. uids.Where(uid => !Guilty.ContainsKey(uid))]).Reverse());
        while (left.TryPop(out var some))
        {
            try
            {
                await ask(some);
                Cleared(some);
            }
            catch (MailException exception)
                when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder && exception.Reason != Reason.FolderMissing)
            {
                if (some.Count > 1)
                {
                    left.Push([.. some.Skip(some.Count / 2)]);
                    left.Push([.. some.Take(some.Count / 2)]);
                    continue;
                }
                refused.Add(some[0]);
                (_refusals ??= [])[some[0]] = exception;
                if (mayGiveUp && !_anyAnswered && refused.Count == hopeless)
                    throw;
            }
            catch (MailException exception) when (exception.Reason.Scope == FailureScope.Session)
            {
                Suspect(some, exception);
                throw;
            }
        }
        return refused;
    }

    /// <summary>What was in progress when a connection was lost is asked for in parts, the rest as a whole.</summary>
    private IEnumerable<IReadOnlyList<Uid>> Divide(IReadOnlyList<Uid> uids)
    {
        if (_groups is null)
            return uids.Count > 0 ? [uids] : [];
        IReadOnlyList<Uid> others = [.. uids.Where(uid => !_groups.Exists(group => group.Set.Contains(uid)))];
        var suspects =
            from @group in _groups
            let asked = uids.Where(@group.Set.Contains).ToArray()
            from part in asked.Chunk(Math.Max(1, (asked.Length + Parts - 1) / Parts))
            select (IReadOnlyList<Uid>)part;
        return others.Count > 0 ? [others, .. suspects] : [.. suspects];
    }

    private void Cleared(IReadOnlyList<Uid> some)
    {
        (_anyAnswered, _guiltyInARow) = (true, 0);
        for (var index = (_groups?.Count ?? 0) - 1; index >= 0; index--)
        {
            _groups![index].AnswersOthers = true;
            var left = _groups[index].Uids.Except(some).ToList();
            if (left.Count == _groups[index].Uids.Count)
                continue;
            _groups.RemoveAt(index);
            if (left.Count > 0)
                _groups.Insert(index, new Group(left) { AnswersOthers = true });
        }
    }

    private void Suspect(IReadOnlyList<Uid> some, MailException loss)
    {
        if (_guiltyInARow >= HopelessLosses)
            return;
        _groups ??= [];
        var known = _groups.Find(group => group.Set.Contains(some[0]));
        if (known is not { Uids.Count: 1 })
        {
            if (known is not null)
                _groups.Remove(known);
            _groups.Add(new Group(some) { AnswersOthers = known?.AnswersOthers ?? false });
            Narrowed++;
            return;
        }
        known.Losses++;
        // A server that is busy for everybody is not the fault of a message.
        if (known.Losses < MostLosses || (loss.Reason != Reason.ConnectionLost && !known.AnswersOthers))
            return;
        (_guilty ??= [])[some[0]] =
            loss.Reason != Reason.ConnectionLost ? loss.Message : "the connection is lost each time it is asked for";
        _groups.Remove(known);
        _guiltyInARow++;
        Narrowed++;
    }
}
