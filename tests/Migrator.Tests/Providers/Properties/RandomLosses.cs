using Migrator.Tests.Providers.Simulation;

namespace Migrator.Tests.Providers.Properties;

/// <summary>Connections that a simulated provider loses at random commands, before these are executed or after it.</summary>
internal sealed class RandomLosses
{
    private const int Most = 2;

    // A run of a small mailbox is some dozens of commands.
    private const int OneOf = 6;

    private readonly Lock _lock = new();
    private Random? _random;
    private int _left;
    private bool _nextIsAfter;

    public RandomLosses(ImapProxy provider)
    {
        provider.Arm("lost before", _ => Loses(after: false));
        provider.ArmAfter("lost after", _ => Loses(after: true));
    }

    /// <summary>From now on, some; null for none.</summary>
    public void Begin(Random? random)
    {
        lock (_lock)
            (_random, _left) = (random, random is null ? 0 : Most);
    }

    // In turns, so that each of them fires.
    private string? Loses(bool after)
    {
        lock (_lock)
        {
            if (_left == 0 || after != _nextIsAfter || _random!.Next(OneOf) > 0)
                return null;
            (_left, _nextIsAfter) = (_left - 1, !after);
            return ProxyFault.Drop;
        }
    }
}
