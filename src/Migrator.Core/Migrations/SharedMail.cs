using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Messages that several folders of the source contain: labels of Gmail, or copies in an archive.</summary>
internal sealed class SharedMail
{
    public static readonly SharedMail None = new([]);

    private readonly IReadOnlyList<(FolderMapping Mapping, UidValidity Validity)> _order;
    private readonly Dictionary<(FolderPath Folder, UidValidity Validity), int> _folders = [];

    // Message by message, each in the order in which it is delivered. Arrays: of a backup of Gmail, all messages are in here.
    private readonly Place[] _places;

    // Where a message of a folder is among these.
    private readonly ulong[] _keys;
    private readonly int[] _indexes;

    /// <param name="folders">In the order in which a message is delivered to them.</param>
    public SharedMail(IReadOnlyList<FolderIds> folders)
    {
        _order = [.. folders.Select(folder => (folder.Mapping, folder.Validity))];
        var places = new List<Place>(folders.Sum(folder => folder.Messages.Count));
        foreach (var (number, (mapping, validity, messages)) in folders.Index())
        {
            _folders[(mapping.Source.Path, validity)] = number;
            places.AddRange(messages.Select(message => new Place(message.Id, number, message.Uid)));
        }
        places.Sort();
        _places = [.. Shared(places)];
        _keys = Array.ConvertAll(_places, place => Key(place.Folder, place.Uid));
        _indexes = [.. Enumerable.Range(0, _places.Length)];
        Array.Sort(_keys, _indexes);
    }

    /// <param name="labelled">What is known of folders that are labels.</param>
    /// <returns>None where the target cannot copy from folder to folder.</returns>
    public static async Task<SharedMail> ReadAsync(
        SessionPair sessions,
        FolderPlan plan,
        IReadOnlyList<FolderIds> labelled,
        CancellationToken stop
    ) =>
        !sessions.Target.Traits.NamesCopies || !sessions.Source.IdentifiesMessages ? None
        : sessions.Source.HasLabels ? new SharedMail(labelled)
        : new SharedMail(await FolderIds.ReadAsync(sessions.Source, plan.Mappings, stop));

    public bool IsEmpty => _places.Length == 0;

    /// <summary>Where in the source a message is that belongs into other folders of the target too, in the order of delivery.</summary>
    public IEnumerable<SharedPlace> Elsewhere(FolderMapping mapping, UidValidity validity, Uid uid) =>
        Of(mapping, validity, uid).Where(place => place.Target != mapping.Target);

    /// <summary>Whether it is to be delivered to another folder of the target first.</summary>
    public bool IsFirstElsewhere(FolderMapping mapping, UidValidity validity, Uid uid) =>
        Of(mapping, validity, uid).FirstOrDefault() is { Target: { } first } && first != mapping.Target;

    private IEnumerable<SharedPlace> Of(FolderMapping mapping, UidValidity validity, Uid uid)
    {
        if (!_folders.TryGetValue((mapping.Source.Path, validity), out var folder))
            yield break;
        var found = Array.BinarySearch(_keys, Key(folder, uid));
        if (found < 0)
            yield break;
        var (index, id) = (_indexes[found], _places[_indexes[found]].Id);
        while (index > 0 && _places[index - 1].Id == id)
            index--;
        for (; index < _places.Length && _places[index].Id == id; index++)
        {
            var place = _places[index];
            var (other, known) = _order[place.Folder];
            yield return new SharedPlace(other.Source.Path, known, place.Uid, other.Target);
        }
    }

    /// <summary>Of each message that several folders contain, its first place in each of them: a further one in the same folder is mail of
    /// its own.</summary>
    /// <param name="places">Ascending.</param>
    private static IEnumerable<Place> Shared(List<Place> places)
    {
        for (int first = 0, next; first < places.Count; first = next)
        {
            for (next = first + 1; next < places.Count && places[next].Id == places[first].Id; )
                next++;
            if (places[first].Folder == places[next - 1].Folder)
                continue;
            for (var index = first; index < next; index++)
            {
                if (index == first || places[index].Folder != places[index - 1].Folder)
                    yield return places[index];
            }
        }
    }

    private static ulong Key(int folder, Uid uid) => ((ulong)folder << 32) | uid.Value;

    private readonly record struct Place(ulong Id, int Folder, Uid Uid) : IComparable<Place>
    {
        public int CompareTo(Place other) => (Id, Folder, Uid).CompareTo((other.Id, other.Folder, other.Uid));
    }
}
