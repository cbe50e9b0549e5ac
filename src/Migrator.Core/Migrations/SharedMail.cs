using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Messages that several folders of the source show, because folders are labels there.</summary>
internal sealed class SharedMail
{
    public static readonly SharedMail None = new([]);

    private readonly Dictionary<(FolderPath Folder, UidValidity Validity), Dictionary<Uid, IReadOnlyList<SharedPlace>>> _folders = [];

    /// <param name="folders">In the order in which a message is delivered to them.</param>
    public SharedMail(IReadOnlyList<FolderIds> folders)
    {
        var (seen, shared) = (new HashSet<ulong>(), new Dictionary<ulong, List<SharedPlace>>());
        foreach (var id in folders.SelectMany(folder => folder.Uids.Keys).Where(id => !seen.Add(id)))
            shared.TryAdd(id, []);
        foreach (var (mapping, validity, uids) in folders)
        {
            var places = new Dictionary<Uid, IReadOnlyList<SharedPlace>>();
            foreach (var (id, uid) in uids)
            {
                if (!shared.TryGetValue(id, out var all))
                    continue;
                all.Add(new SharedPlace(mapping.Source.Path, validity, uid, mapping.Target));
                places[uid] = all;
            }
            _folders[(mapping.Source.Path, validity)] = places;
        }
    }

    public bool IsEmpty => _folders.Values.All(folder => folder.Count == 0);

    /// <summary>Where a message is delivered to other folders of the target, in that order.</summary>
    public IEnumerable<SharedPlace> Elsewhere(FolderMapping mapping, UidValidity validity, Uid uid) =>
        Of(mapping, validity, uid).Where(place => place.Target != mapping.Target);

    /// <summary>Whether it is to be delivered to another folder of the target first.</summary>
    public bool IsFirstElsewhere(FolderMapping mapping, UidValidity validity, Uid uid) =>
        Of(mapping, validity, uid) is [var first, ..] && first.Target != mapping.Target;

    private IReadOnlyList<SharedPlace> Of(FolderMapping mapping, UidValidity validity, Uid uid) =>
        _folders.GetValueOrDefault((mapping.Source.Path, validity))?.GetValueOrDefault(uid) ?? [];
}
