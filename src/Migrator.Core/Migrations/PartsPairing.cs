using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Pairs messages at both ends by what they say, where their bytes do not tell (<see cref="MessageParts"/>).</summary>
internal static class PartsPairing
{
    /// <summary>Takes pairs out of both lists, one to one.</summary>
    /// <param name="same">The first is a message of the source, the second one of the target with the same Message-ID, or the same
    /// subject where there is none.</param>
    public static List<(T Source, T Target)> Take<T>(List<T> source, List<T> target, Func<T, MessageParts> parts, Func<T, T, bool> same)
    {
        var (pairs, left, taken) = (new List<(T, T)>(), new List<T>(), new bool[target.Count]);
        var byKey = target
            .SelectMany((message, index) => parts(message).Keys.Select(key => (key, index)))
            .ToLookup(pair => pair.key, pair => pair.index);
        foreach (var message in source)
        {
            var index = byKey[parts(message).Key].Where(index => !taken[index] && same(message, target[index])).DefaultIfEmpty(-1).First();
            if (index < 0)
            {
                left.Add(message);
                continue;
            }
            taken[index] = true;
            pairs.Add((message, target[index]));
        }
        if (pairs.Count == 0)
            return pairs;
        List<T> rest = [.. target.Where((_, index) => !taken[index])];
        source.Clear();
        source.AddRange(left);
        target.Clear();
        target.AddRange(rest);
        return pairs;
    }
}
