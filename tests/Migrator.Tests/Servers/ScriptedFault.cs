namespace Migrator.Tests.Servers;

/// <summary>Something that a <see cref="ScriptedImap"/> does wrong.</summary>
public sealed class ScriptedFault(string name, Func<ScriptedCommand, string?> answer)
{
    private int _fired;

    public string Name => name;

    public int Fired
    {
        get => _fired;
        set => _fired = value;
    }

    /// <summary>From now on the server does it right.</summary>
    public bool Healed { get; set; }

    internal string? TryAnswer(ScriptedCommand command)
    {
        try
        {
            var replaced = answer(command);
            if (replaced is not null)
                _fired++;
            return replaced;
        }
        catch (ScriptedDropException)
        {
            _fired++;
            throw;
        }
    }
}
