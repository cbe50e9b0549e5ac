namespace Migrator.Service.Settings;

/// <param name="Users">Values of the claim that identifies a person.</param>
/// <param name="Groups">Values of the claim that lists groups.</param>
public sealed record PeopleList(IReadOnlyList<string> Users, IReadOnlyList<string> Groups)
{
    public bool IsEmpty => Users.Count == 0 && Groups.Count == 0;
}
