"""Sentences written by hand, as a speaker would write them, against the grammars."""

from __future__ import annotations

import pytest

from vistune.world.tongues import TONGUES, Meaning, Np

RED_DOG = Np("dog", colour="red")
MEANINGS = {
    "red dog?": Meaning("existence", RED_DOG),
    "big white cow?": Meaning("existence", Np("cow", colour="white", size="big")),
    "egg colour": Meaning("colour", Np("egg")),
    "big table colour": Meaning("colour", Np("table", size="big")),
    "chair size": Meaning("size", Np("chair")),
    "hat pattern": Meaning("pattern", Np("hat")),
    "how many birds": Meaning("count", Np("bird")),
    "how many black cats": Meaning("count", Np("cat", colour="black")),
    "more apples than eggs": Meaning("compare", Np("apple"), Np("egg")),
    "cup on table": Meaning("relation", Np("cup"), Np("table"), "on"),
    "cat behind red car": Meaning("relation", Np("cat"), Np("car", colour="red"), "behind"),
    "ball left of boy": Meaning("stands", Np("ball"), Np("boy"), "left of"),
    "where": Meaning("setting"),
    "flower red or white": Meaning("choice", Np("flower"), options=("red", "white")),
    "point to red dog": Meaning("point", RED_DOG),
    "point to girl": Meaning("point", Np("girl")),
    "point to small egg": Meaning("point", Np("egg", size="small", pattern="spotted")),
    "boats": Meaning(
        "there", setting="lake", groups=(Np("boat", 3, "green", pattern="striped"), Np("duck", 2, pattern="checked"))
    ),
    "kitchen": Meaning("there", setting="kitchen", groups=(Np("cup", colour="blue"), Np("apple", 3))),
    "garden": Meaning(
        "there",
        setting="garden",
        groups=(Np("cat", 2, "black"), Np("tree", size="small"), Np("book", 5, pattern="striped")),
    ),
}
GOLD = {
    "en": {
        "red dog?": "Is there a red dog?",
        "big white cow?": "Is there a big white cow?",
        "egg colour": "What colour is the egg?",
        "big table colour": "What colour is the big table?",
        "chair size": "Is the chair small or big?",
        "hat pattern": "What pattern does the hat have?",
        "how many birds": "How many birds are there?",
        "how many black cats": "How many black cats are there?",
        "more apples than eggs": "Are there more apples than eggs?",
        "cup on table": "Is the cup on the table?",
        "cat behind red car": "Is the cat behind the red car?",
        "ball left of boy": "The ball is to the left of the boy.",
        "where": "Where is this?",
        "flower red or white": "Is the flower red or white?",
        "point to red dog": "Point to the red dog.",
        "point to girl": "Point to the girl.",
        "point to small egg": "Point to the small spotted egg.",
        "boats": "At the lake there are three green striped boats and two checked ducks.",
        "kitchen": "In the kitchen there is a blue cup and three apples.",
        "garden": "In the garden there are two black cats, a small tree and five striped books.",
    },
    "de": {
        "red dog?": "Gibt es einen roten Hund?",
        "big white cow?": "Gibt es eine große weiße Kuh?",
        "egg colour": "Welche Farbe hat das Ei?",
        "big table colour": "Welche Farbe hat der große Tisch?",
        "chair size": "Ist der Stuhl klein oder groß?",
        "hat pattern": "Welches Muster hat der Hut?",
        "how many birds": "Wie viele Vögel gibt es?",
        "how many black cats": "Wie viele schwarze Katzen gibt es?",
        "more apples than eggs": "Gibt es mehr Äpfel als Eier?",
        "cup on table": "Ist die Tasse auf dem Tisch?",
        "cat behind red car": "Ist die Katze hinter dem roten Auto?",
        "ball left of boy": "Der Ball ist links vom Jungen.",
        "where": "Wo ist das?",
        "flower red or white": "Ist die Blume rot oder weiß?",
        "point to red dog": "Zeige auf den roten Hund.",
        "point to girl": "Zeige auf das Mädchen.",
        "point to small egg": "Zeige auf das kleine gepunktete Ei.",
        "boats": "Am See sieht man drei gestreifte grüne Boote und zwei karierte Enten.",
        "kitchen": "In der Küche sieht man eine blaue Tasse und drei Äpfel.",
        "garden": "Im Garten sieht man zwei schwarze Katzen, einen kleinen Baum und fünf gestreifte Bücher.",
    },
    "es": {
        "red dog?": "¿Hay un perro rojo?",
        "big white cow?": "¿Hay una vaca blanca grande?",
        "egg colour": "¿De qué color es el huevo?",
        "big table colour": "¿De qué color es la mesa grande?",
        "chair size": "¿La silla es pequeña o grande?",
        "hat pattern": "¿Qué dibujo tiene el sombrero?",
        "how many birds": "¿Cuántos pájaros hay?",
        "how many black cats": "¿Cuántos gatos negros hay?",
        "more apples than eggs": "¿Hay más manzanas que huevos?",
        "cup on table": "¿Está la taza sobre la mesa?",
        "cat behind red car": "¿Está el gato detrás del coche rojo?",
        "ball left of boy": "La pelota está a la izquierda del niño.",
        "where": "¿Dónde es esto?",
        "flower red or white": "¿La flor es roja o blanca?",
        "point to red dog": "Señala el perro rojo.",
        "point to girl": "Señala a la niña.",
        "point to small egg": "Señala el huevo pequeño de lunares.",
        "boats": "En el lago hay tres barcos verdes a rayas y dos patos a cuadros.",
        "kitchen": "En la cocina hay una taza azul y tres manzanas.",
        "garden": "En el jardín hay dos gatos negros, un árbol pequeño y cinco libros a rayas.",
    },
    "fr": {
        "red dog?": "Y a-t-il un chien rouge ?",
        "big white cow?": "Y a-t-il une grande vache blanche ?",
        "egg colour": "De quelle couleur est l'œuf ?",
        "big table colour": "De quelle couleur est la grande table ?",
        "chair size": "La chaise est-elle petite ou grande ?",
        "hat pattern": "Quel motif a le chapeau ?",
        "how many birds": "Combien d'oiseaux y a-t-il ?",
        "how many black cats": "Combien de chats noirs y a-t-il ?",
        "more apples than eggs": "Y a-t-il plus de pommes que d'œufs ?",
        "cup on table": "La tasse est-elle sur la table ?",
        "cat behind red car": "Le chat est-il derrière la voiture rouge ?",
        "ball left of boy": "La balle est à gauche du garçon.",
        "where": "Où est-ce ?",
        "flower red or white": "La fleur est-elle rouge ou blanche ?",
        "point to red dog": "Montre le chien rouge.",
        "point to girl": "Montre la fille.",
        "point to small egg": "Montre le petit œuf à pois.",
        "boats": "Au bord du lac, il y a trois bateaux verts à rayures et deux canards à carreaux.",
        "kitchen": "Dans la cuisine, il y a une tasse bleue et trois pommes.",
        "garden": "Dans le jardin, il y a deux chats noirs, un petit arbre et cinq livres à rayures.",
    },
    "zh": {
        "red dog?": "有一只红色的狗吗？",
        "big white cow?": "有一头白色的大牛吗？",
        "egg colour": "那个鸡蛋是什么颜色的？",
        "big table colour": "那张大桌子是什么颜色的？",
        "chair size": "那把椅子是小的还是大的？",
        "hat pattern": "那顶帽子有什么花纹？",
        "how many birds": "有几只鸟？",
        "how many black cats": "有几只黑色的猫？",
        "more apples than eggs": "苹果比鸡蛋多吗？",
        "cup on table": "那个杯子在那张桌子的上面吗？",
        "cat behind red car": "那只猫在那辆红色的汽车的后面吗？",
        "ball left of boy": "那个皮球在那个男孩的左边。",
        "where": "这是哪里？",
        "flower red or white": "那朵花是红色的还是白色的？",
        "point to red dog": "请指出那只红色的狗。",
        "point to girl": "请指出那个女孩。",
        "point to small egg": "请指出那个带斑点的小鸡蛋。",
        "boats": "湖边有三艘绿色的带条纹的船和两只带格子的鸭子。",
        "kitchen": "厨房里有一个蓝色的杯子和三个苹果。",
        "garden": "花园里有两只黑色的猫、一棵小树和五本带条纹的书。",
    },
    "tr": {
        "red dog?": "Kırmızı bir köpek var mı?",
        "big white cow?": "Büyük beyaz bir inek var mı?",
        "egg colour": "Yumurta ne renk?",
        "big table colour": "Büyük masa ne renk?",
        "chair size": "Sandalye küçük mü, büyük mü?",
        "hat pattern": "Şapkanın deseni nasıl?",
        "how many birds": "Kaç kuş var?",
        "how many black cats": "Kaç siyah kedi var?",
        "more apples than eggs": "Elma sayısı yumurta sayısından fazla mı?",
        "cup on table": "Fincan masanın üstünde mi?",
        "cat behind red car": "Kedi kırmızı arabanın arkasında mı?",
        "ball left of boy": "Top erkek çocuğun solunda.",
        "where": "Burası neresi?",
        "flower red or white": "Çiçek kırmızı mı, beyaz mı?",
        "point to red dog": "Kırmızı köpeği göster.",
        "point to girl": "Kızı göster.",
        "point to small egg": "Küçük benekli yumurtayı göster.",
        "boats": "Göl kıyısında üç çizgili yeşil tekne ve iki kareli ördek var.",
        "kitchen": "Mutfakta mavi bir fincan ve üç elma var.",
        "garden": "Bahçede iki siyah kedi, küçük bir ağaç ve beş çizgili kitap var.",
    },
    "sw": {
        "red dog?": "Je, kuna mbwa mwekundu?",
        "big white cow?": "Je, kuna ng'ombe mkubwa mweupe?",
        "egg colour": "Yai lina rangi gani?",
        "big table colour": "Meza kubwa ina rangi gani?",
        "chair size": "Je, kiti ni kidogo au kikubwa?",
        "hat pattern": "Kofia ina mchoro gani?",
        "how many birds": "Kuna ndege wangapi?",
        "how many black cats": "Kuna paka weusi wangapi?",
        "more apples than eggs": "Je, kuna matufaha mengi kuliko mayai?",
        "cup on table": "Je, kikombe kiko juu ya meza?",
        "cat behind red car": "Je, paka yuko nyuma ya gari jekundu?",
        "ball left of boy": "Mpira uko upande wa kushoto wa mvulana.",
        "where": "Hapa ni wapi?",
        "flower red or white": "Je, ua ni jekundu au jeupe?",
        "point to red dog": "Onyesha mbwa mwekundu.",
        "point to girl": "Onyesha msichana.",
        "point to small egg": "Onyesha yai dogo lenye madoa.",
        "boats": "Ziwani kuna mashua tatu za rangi ya kijani zenye mistari na bata wawili wenye miraba.",
        "kitchen": "Jikoni kuna kikombe cha rangi ya bluu na matufaha matatu.",
        "garden": "Bustanini kuna paka weusi wawili, mti mdogo na vitabu vitano vyenye mistari.",
    },
    "ar": {
        "red dog?": "هل هناك كلب أحمر؟",
        "big white cow?": "هل هناك بقرة كبيرة بيضاء؟",
        "egg colour": "ما لون البيضة؟",
        "big table colour": "ما لون الطاولة الكبيرة؟",
        "chair size": "هل الكرسي صغير أم كبير؟",
        "hat pattern": "ما نقش القبعة؟",
        "how many birds": "كم عدد العصافير؟",
        "how many black cats": "كم عدد القطط السوداء؟",
        "more apples than eggs": "هل عدد التفاحات أكبر من عدد البيضات؟",
        "cup on table": "هل الكوب على الطاولة؟",
        "cat behind red car": "هل القطة خلف السيارة الحمراء؟",
        "ball left of boy": "الكرة على يسار الولد.",
        "where": "أين هذا؟",
        "flower red or white": "هل الزهرة حمراء أم بيضاء؟",
        "point to red dog": "أشر إلى الكلب الأحمر.",
        "point to girl": "أشر إلى البنت.",
        "point to small egg": "أشر إلى البيضة الصغيرة المنقطة.",
        "boats": "عند البحيرة ثلاثة قوارب خضراء مخططة وبطتان منقوشتان بمربعات.",
        "kitchen": "في المطبخ كوب أزرق وثلاث تفاحات.",
        "garden": "في الحديقة قطتان سوداوان وشجرة صغيرة وخمسة كتب مخططة.",
    },
}  # fmt: skip


@pytest.mark.parametrize("code", list(GOLD))
def test_sentences_are_those_of_a_speaker(code: str) -> None:
    said = {name: TONGUES[code].say(meaning).replace("\u00a0", " ") for name, meaning in MEANINGS.items()}
    assert said == GOLD[code]


#: Two hats, the colour and the pattern of one, whether it is on the bed, one cow, eight cows, a chair that is white or brown.
ANSWERS = {
    "en": ("two", "red", "checked", "yes", "one", "eight", "white", "brown"),
    "de": ("zwei", "rot", "kariert", "ja", "eine", "acht", "weiß", "braun"),
    "es": ("dos", "rojo", "cuadros", "sí", "una", "ocho", "blanca", "marrón"),
    "fr": ("deux", "rouge", "carreaux", "oui", "une", "huit", "blanche", "marron"),
    "zh": ("两顶", "红色", "格子", "是的", "一头", "八头", "白色", "棕色"),
    "tr": ("iki", "kırmızı", "kareli", "evet", "bir", "sekiz", "beyaz", "kahverengi"),
    "sw": ("mbili", "nyekundu", "miraba", "ndiyo", "mmoja", "wanane", "cheupe", "cha rangi ya kahawia"),
    "ar": ("اثنتان", "أحمر", "مربعات", "نعم", "واحدة", "ثمان", "أبيض", "بني"),
}


@pytest.mark.parametrize("code", list(ANSWERS))
def test_answers_agree_with_what_is_asked(code: str) -> None:
    tongue, hat = TONGUES[code], Np("hat")
    said = (
        tongue.answer(Meaning("count", hat), 2),
        tongue.answer(Meaning("colour", hat), "red"),
        tongue.answer(Meaning("pattern", hat), "checked"),
        tongue.answer(Meaning("relation", hat, Np("bed"), "on"), True),
        tongue.answer(Meaning("count", Np("cow")), 1),
        tongue.answer(Meaning("count", Np("cow")), 8),
        *(tongue.answer(Meaning("choice", Np("chair"), options=("white", "brown")), c) for c in ("white", "brown")),
    )
    assert said == ANSWERS[code]


def test_every_language_has_a_word_for_every_kind() -> None:
    from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, SETTINGS

    for tongue in TONGUES.values():
        words = tongue.words()
        for name in (*KIND_BY_NAME, *COLOURS, *SETTINGS, "small", "big", "striped", "left of", "on"):
            assert words[name], (tongue.NAME, name)
        assert len({tongue.name(kind) for kind in KIND_BY_NAME}) == len(KIND_BY_NAME)
