using System.Text;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>A command or a response as it went over the wire.</summary>
/// <param name="Texts">One more than <paramref name="Literals"/>, which stand between them.</param>
internal sealed record ImapUnit(IReadOnlyList<string> Texts, IReadOnlyList<byte[]> Literals)
{
    public static ImapUnit Of(string text) => new([text], []);

    /// <summary>With <c>{}</c> in the place of each literal.</summary>
    public string Text => string.Join("{}", Texts);

    public string First => Texts[0];

    public ImapUnit With(Func<string, string> change) => this with { Texts = [.. Texts.Select(change)] };

    public ImapUnit WithFirst(string text) => this with { Texts = [text, .. Texts.Skip(1)] };

    /// <param name="toServer">Literals that wait for nobody (LITERAL+).</param>
    public byte[] ToBytes(bool toServer)
    {
        using var bytes = new MemoryStream();
        for (var index = 0; index < Texts.Count; index++)
        {
            bytes.Write(Encoding.Latin1.GetBytes(Texts[index]));
            if (index >= Literals.Count)
                continue;
            bytes.Write(Encoding.Latin1.GetBytes($"{{{Literals[index].Length}{(toServer ? "+" : "")}}}\r\n"));
            bytes.Write(Literals[index]);
        }
        bytes.Write("\r\n"u8);
        return bytes.ToArray();
    }
}
