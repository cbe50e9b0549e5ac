using System.Globalization;
using System.Text;

namespace Migrator.Mail.Search;

/// <summary>Text as it is compared in a search: neither case nor accents nor line breaks count. The program knows no cultures
/// (InvariantGlobalization), and then .NET decomposes no letters: those of Latin, Greek and Cyrillic script are listed here.</summary>
public static class FoldedText
{
    // A letter, and the letters that are it with marks.
    private static readonly string[] s_letters =
    [
        "AÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ",
        "BḂḄḆ",
        "CÇĆĈĊČḈ",
        "DĎḊḌḎḐḒĐ",
        "EÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ",
        "FḞ",
        "GĜĞĠĢǦǴḠ",
        "HĤȞḢḤḦḨḪĦ",
        "IÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ",
        "JĴ",
        "KĶǨḰḲḴ",
        "LĹĻĽḶḸḺḼŁ",
        "MḾṀṂ",
        "NÑŃŅŇǸṄṆṈṊ",
        "OÒÓÔÕÖŌŎŐƠǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢØǾ",
        "PṔṖ",
        "RŔŖŘȐȒṘṚṜṞ",
        "SŚŜŞŠȘṠṢṤṦṨ",
        "TŢŤȚṪṬṮṰŦ",
        "UÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ",
        "VṼṾ",
        "WŴẀẂẄẆẈ",
        "XẊẌ",
        "YÝŶŸȲẎỲỴỶỸ",
        "ZŹŻŽẐẒẔ",
        "ÆǢǼ",
        "ƷǮ",
        "ΑΆἈἉἊἋἌἍἎἏᾸᾹᾺΆ",
        "ΕΈἘἙἚἛἜἝῈΈ",
        "ΗΉἨἩἪἫἬἭἮἯῊΉ",
        "ΙΊΪἸἹἺἻἼἽἾἿῘῙῚΊ",
        "ΟΌὈὉὊὋὌὍῸΌ",
        "ΡῬ",
        "ΥΎΫὙὛὝὟῨῩῪΎ",
        "ΩΏὨὩὪὫὬὭὮὯῺΏ",
        "ϒϓϔ",
        "ІЇ",
        "АӐӒ",
        "ГЃ",
        "ЕЀЁӖ",
        "ЖӁӜ",
        "ЗӞ",
        "ИЍЙӢӤ",
        "КЌ",
        "ОӦ",
        "УЎӮӰӲ",
        "ЧӴ",
        "ЫӸ",
        "ЭӬ",
        "ѴѶ",
        "ӘӚ",
        "ӨӪ",
    ];

    private static readonly Dictionary<char, char> s_bare = s_letters
        .SelectMany(letters => letters[1..].Select(letter => (Letter: letter, Bare: letters[0])))
        .ToDictionary(pair => pair.Letter, pair => pair.Bare);

    public static string Of(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (char.IsWhiteSpace(letter))
            {
                if (folded.Length > 0 && folded[^1] != ' ')
                    folded.Append(' ');
                continue;
            }
            var upper = char.ToUpperInvariant(letter);
            if (upper < '\x80')
                folded.Append(upper);
            else if (upper is 'ß' or 'ẞ')
                folded.Append("SS");
            else if (CharUnicodeInfo.GetUnicodeCategory(upper) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.Format))
                folded.Append(s_bare.GetValueOrDefault(upper, upper));
        }
        return folded.ToString();
    }
}
