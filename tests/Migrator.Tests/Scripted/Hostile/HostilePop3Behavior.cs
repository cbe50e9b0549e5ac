using Migrator.Tests.Servers;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Something that a POP3 server does wrong at one command.</summary>
/// <param name="Applies">To this verb; an empty one is the greeting.</param>
/// <param name="Answer">What is sent in its place. Gets the command, and what makes the server execute it and gives its honest
/// answer.</param>
internal sealed record HostilePop3Behavior(string Name, Func<string, bool> Applies, Func<string, Func<byte[]>, HostileAnswer> Answer)
{
    /// <summary>What the server says is consistent, and false: nobody can know that other bytes are not the message.</summary>
    public bool CannotBeKnown { get; init; }

    /// <summary>It takes the client's limits of time, so that it is done once only.</summary>
    public bool IsSlow { get; init; }

    public override string ToString() => Name;
}
