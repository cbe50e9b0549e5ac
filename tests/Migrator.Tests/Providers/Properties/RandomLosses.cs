using Migrator.Tests.Providers.Simulation;

namespace Migrator.Tests.Providers.Properties;

/// <summary>Connections that a simulated provider loses at random commands, before these are executed or after it.</summary>
internal sealed class RandomLosses
{
    private const int Most = 2;

    // A run of a small mailbox is some dozens of commands.
    private const int OneOf = 12;

    private readonly Lock _lock = new();
    private Random? _random;
    private int _left;

    public RandomLosses(ImapProxy provider)
    {
        provider.Arm("lost before", _ => Loses());
        provider.ArmAfter("lost after", _ => Loses());
    }

    /// <summary>From now on, some; null for none.</summary>
    public void Begin(Random? random)
    {
        lock (_lock)
            (_random, _left) = (random, random is null ? 0 : Most);
    }

    private string? Loses()
    {
        lock (_lock)
        {
            if (_left == 0 || _random!.Next(2 * OneOf) > 0)
                return null;
            _left--;
            return ProxyFault.Drop;
        }
    }
}
